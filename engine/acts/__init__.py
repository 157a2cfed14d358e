"""What people do with tasks and cases. Each act is one step; who may is asked of `access` inside it."""
