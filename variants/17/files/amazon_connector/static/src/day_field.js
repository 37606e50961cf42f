/** @odoo-module **/

import { formatDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { DateTimeField, dateTimeField } from "@web/views/fields/datetime/datetime_field";

/** The day of a moment: fields of Odoo 17 show the time of day, too. */
export class DayField extends DateTimeField {
    getFormattedValue(valueIndex) {
        const value = this.values[valueIndex];
        return value ? formatDate(value) : "";
    }
}

registry.category("fields").add("amazon_day", { ...dateTimeField, component: DayField });
