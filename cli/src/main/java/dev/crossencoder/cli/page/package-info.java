/**
 * The demo's page: a browser sends a query and documents, which travel through Kafka and the job as
 * one record and come back ranked. Serves this machine only; never deployed.
 */
package dev.crossencoder.cli.page;
