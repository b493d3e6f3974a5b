"""Where DVC keeps data: the cache of this clone, and the remote that clones share."""
