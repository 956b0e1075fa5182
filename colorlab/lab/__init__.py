"""Widgets, figures and exercises for notebooks, and the app, which is a web page."""
