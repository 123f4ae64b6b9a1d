"""HAProxy: trust and pins by its runtime API, certificates by a reload; measured with 2.6."""
