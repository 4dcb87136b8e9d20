"""How worker/model was made and scored, one command a step. See README.md."""
