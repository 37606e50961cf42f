class AmazonCase:

    # In place of eb066606: the registry is put into test mode by hand.
    @contextlib.contextmanager
    def in_job(self):
        """Give an environment with a cursor that may commit, as jobs and requests have it."""
        self.env.flush_all()
        self.registry.enter_test_mode(self.cr)
        try:
            with self.registry.cursor() as cr:
                yield self.env(cr=cr)
        finally:
            self.registry.leave_test_mode()
        self.env.invalidate_all()
