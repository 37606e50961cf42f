from odoo import fields, models

from ..amazon_api.lwa import forget_tokens
from ..utils.phrases import tell


class AmazonSeller(models.Model):
    _inherit = 'amazon.seller'

    stop_date = fields.Datetime("Emergency stop", readonly=True, copy=False)

    def _stop(self, reason):
        """Delete all credentials of these sellers; nothing is sent to Amazon until somebody authorizes them again.

        What a running job is about to send is refused, too: `DatabaseLimiter` checks for the stop before each request.
        Buyers' data goes on being deleted.

        :param str reason: is kept in the chatter with the user's name
        """
        forget_tokens()
        now = fields.Datetime.now()
        for seller in self.sudo():
            seller.write({'lwa_client_secret': False, 'refresh_token': False})
            seller.write({'state': 'error', 'stop_date': now, 'state_message': tell(self.env)._(
                "Emergency stop by %s: enter new credentials with \"Replace credentials\" when it is safe again.",
                self.env.user.name)})
            seller.message_post(body=self.env._(
                "Emergency stop by %(user)s: credentials and tokens were deleted, nothing is sent to Amazon. Reason: "
                "%(reason)s", user=self.env.user.name, reason=reason))

    def _store_secret(self, name):  # pylint: disable=missing-return
        """Store a secret; a new authorization ends an emergency stop."""
        super()._store_secret(name)
        if name == 'refresh_token':
            self.sudo().filtered(lambda seller: seller.stop_date and seller.refresh_token_stored).stop_date = False
