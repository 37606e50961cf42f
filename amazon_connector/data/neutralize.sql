-- A copy for tests must not change offers, buy labels or read buyers' data at Amazon.
UPDATE amazon_seller
   SET client_secret_stored = NULL,
       refresh_token_stored = NULL,
       state = 'draft',
       state_message = NULL;
