"""A stand-in for Amazon's Selling Partner API and Login with Amazon: a real HTTP server for tests and `make demo`."""
