"""Search by meaning (语义搜索): an extra, off by default, that mixes what words find with what
vectors find. docs/search.md says when it is worth having."""
