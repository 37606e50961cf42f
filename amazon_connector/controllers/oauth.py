import hmac
import secrets
import time

from odoo.http import Controller, request, route

STATE_SECONDS = 900


class AmazonOAuth(Controller):
    """Routes to Amazon's consent page and back."""

    @route('/amazon_connector/authorize/<int:seller_id>', type='http', auth='user')
    def authorize(self, seller_id):
        """Redirect the user to Amazon's consent page with a `state` that is valid for this session, once, for 15
        minutes.
        """
        seller = request.env['amazon.seller'].browse(seller_id).exists()
        seller.check_access('write')
        state = secrets.token_urlsafe(32)
        request.session['amazon_oauth'] = {
            'state': state, 'user': request.env.uid, 'seller': seller.id, 'expires': time.time() + STATE_SECONDS}
        return request.redirect(seller._get_consent_url(state, self._get_return_url()), local=False)

    @route('/amazon_connector/connect/<int:seller_id>', type='http', auth='user')
    def connect(self, seller_id):
        """Test the credentials of a private application and show the seller with the outcome."""
        seller = request.env['amazon.seller'].browse(seller_id).exists()
        seller.check_access('write')
        seller._connect()
        return self._open(seller)

    @route('/amazon_connector/return', type='http', auth='user')
    def oauth_return(self, state='', spapi_oauth_code='', selling_partner_id='', error='', error_description='',
                     **_parameters):
        """Handle Amazon's answer to a consent: a code to exchange, or a refusal. The `state` is used up in any case."""
        pending = request.session.pop('amazon_oauth', None) or {}
        own = pending.get('user') == request.env.uid
        if not state or not own or not hmac.compare_digest(pending['state'].encode(), state.encode()):
            return self._refuse(request.env._("This authorization was not started in this session, or was answered "
                                              "already. Start it again."))
        seller = request.env['amazon.seller'].browse(pending['seller']).exists()
        seller.check_access('write')
        if time.time() > pending['expires']:
            message = request.env._("The authorization took longer than 15 minutes. Start it again.")
        elif error or not spapi_oauth_code:
            message = request.env._("Amazon reports that the authorization was refused: %s", error_description
                                    or error or '-')
        else:
            message = seller._accept_consent(spapi_oauth_code, selling_partner_id)
        if message:
            seller._set_refusal(message)
        return self._open(seller)

    def _open(self, seller):
        if seller.state == 'connected' and seller.marketplace_choice == 'asked':
            return request.redirect('/odoo/action-amazon_connector.amazon_start_action')
        return request.redirect(f'/odoo/amazon-sellers/{seller.id}')

    def _get_return_url(self):
        return request.env['amazon.seller']._get_redirect_uri()

    def _refuse(self, message):
        return request.make_response(message, status=400, headers=[('Content-Type', 'text/plain; charset=utf-8')])
