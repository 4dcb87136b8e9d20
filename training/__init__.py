"""Commands that train, export, assemble and score the pipeline in worker/model. See README.md."""
