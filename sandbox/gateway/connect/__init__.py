"""Connected accounts (子商户): sellers behind a platform, and how money is shared with them."""
