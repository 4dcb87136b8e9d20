"""Stories in a fault run: the sketches that its articles leave, and the verdict on what comes of them."""
