from odoo import api, models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    @api.model
    def _amazon_hand_over(self, record, user):
        """Give the open tasks that this addon gave a user to whoever is responsible now, if that is somebody else.

        :param record: `amazon.seller` or `amazon.attention`
        :param user: who was responsible until now
        """
        person = record._find_responsible()
        tasks = record.sudo().activity_ids.filtered(lambda task: task.automated and task.user_id == user)
        if tasks and person and person != user:
            record.sudo()._give(tasks, person)
