"""The machine, the load and the steps of scripts/test-deploy."""
