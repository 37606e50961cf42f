/** @odoo-module **/

import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

/** A text or selection of which the field `choices` of the same record may name the only values, as pairs of value and label. */
export class ChoiceField extends CharField {
    static template = "amazon_connector.ChoiceField";

    get choices() {
        return this.props.record.data.choices || [];
    }

    get label() {
        const choice = this.choices.find(([value]) => value === this.value);
        return choice ? choice[1] : this.value;
    }

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    onSelect(ev) {
        this.props.record.update({ [this.props.name]: ev.target.value || false });
    }
}

registry.category("fields").add("amazon_choice", {
    ...charField,
    component: ChoiceField,
    supportedTypes: [...charField.supportedTypes, "selection"],
    fieldDependencies: [{ name: "choices", type: "json" }],
});
