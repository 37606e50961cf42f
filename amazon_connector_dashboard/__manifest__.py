{
    'name': "Seller Hub for Amazon: dashboard",
    'summary': "Sales, fees and profit on Amazon in Odoo's Dashboards app",
    'version': '19.0.1.0.0',
    'category': 'Sales/Sales',
    'author': "Amazon Connector contributors",
    'license': 'LGPL-3',
    'depends': ['amazon_connector', 'spreadsheet_dashboard'],
    'data': ['data/dashboards.xml'],
    'auto_install': True,
}
