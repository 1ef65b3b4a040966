"""Tells browsers that something changed: `actions` publish, `pump` hands on, `access` says who may hear what."""
