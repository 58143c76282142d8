"""WeChat Pay's API v3, as far as a payment by a code (Native) goes."""
