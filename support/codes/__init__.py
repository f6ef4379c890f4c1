"""Support codes: made on the page that troubles someone, and read out to the service desk."""
