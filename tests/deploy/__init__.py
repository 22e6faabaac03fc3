"""What is deployed: the images, the compose file, nginx, the alerts."""
