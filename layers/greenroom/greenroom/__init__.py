"""Greenroom: the serverless back end of products that sell live sessions."""
