from . import controllers, models, wizards


def uninstall_hook(env):
    env['account.tax']._amazon_archive_twins()
