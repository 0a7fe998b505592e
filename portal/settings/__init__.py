"""Settings by environment: `local` (bin/serve), `production`, `testing` (bin/test); all build on `base`."""
