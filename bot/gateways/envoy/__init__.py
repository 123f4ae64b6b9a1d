"""Envoy: certificates, trust and pins as secrets in files that it watches; measured with 1.40."""
