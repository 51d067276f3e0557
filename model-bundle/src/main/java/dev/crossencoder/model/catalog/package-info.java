/**
 * What is published about pretrained cross-encoders: {@link
 * dev.crossencoder.model.catalog.ModelCatalog}.
 */
package dev.crossencoder.model.catalog;
