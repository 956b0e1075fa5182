"""A photo's color as numbers: HSV, Lab, and the adjustments a user can make."""
