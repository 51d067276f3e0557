/**
 * Published data of pretrained cross-encoders. {@link dev.crossencoder.model.catalog.ModelCatalog}
 * lists the models.
 */
package dev.crossencoder.model.catalog;
