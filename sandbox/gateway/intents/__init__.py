"""Payment intents (支付意图): a payment from its first thought to money received."""
