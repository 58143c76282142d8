"""Payment gateways (支付网关): one protocol, one module a provider."""
