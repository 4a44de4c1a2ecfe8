//! What to rent: the cheapest that is in stock, and nothing above the cap. Pure.

use serde_json::Value;

/// Something to rent.
#[derive(Debug, PartialEq)]
pub(crate) struct Choice {
    /// What a catalogue's data source tells about it.
    pub(crate) product: Value,
    /// USD per hour.
    pub(crate) price: f64,
}

/// The cheapest of a catalogue's products that is in stock and fits.
///
/// # Errors
/// Nothing does within the cap; the text says what there is.
pub(crate) fn cheapest(products: &Value, cap: f64, fits: impl Fn(&Value) -> bool) -> Result<Choice, String> {
    let products = products.as_array().map(Vec::as_slice).unwrap_or_default();
    let in_stock = products.iter().filter(|it| it["available"] == true && fits(it));
    let priced = in_stock.filter_map(|it| Some((it, it["hourly_price"].as_f64()?)));
    // A price of nothing is a price that is not understood.
    let priced = priced.filter(|(_, price)| price.is_finite() && *price > 0.0);
    let Some((product, price)) = priced.min_by(|one, other| one.1.total_cmp(&other.1)) else {
        return Err(format!("none of {} products is in stock with a price", products.len()));
    };
    if price > cap {
        return Err(format!(
            "the cheapest in stock costs {price} USD per hour, more than the cap of {cap}: raise \
             TESTACC_MAX_HOURLY_PRICE, or leave this out with TESTACC_ONLY"
        ));
    }
    Ok(Choice { product: product.clone(), price })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn products() -> Value {
        json!([
            {"id": "middle", "available": true, "hourly_price": 0.4},
            {"id": "sold-out", "available": false, "hourly_price": 0.1},
            {"id": "cheap", "available": true, "hourly_price": 0.2},
            {"id": "silent", "available": null, "hourly_price": 0.05},
            {"id": "free", "available": true, "hourly_price": 0.0},
            {"id": "unpriced", "available": true, "hourly_price": null},
        ])
    }

    #[test]
    fn the_cheapest_in_stock_is_chosen_whatever_the_order() {
        let choice = cheapest(&products(), 0.5, |_| true).unwrap();
        assert_eq!((choice.product["id"].as_str(), choice.price), (Some("cheap"), 0.2));
        let choice = cheapest(&products(), 0.5, |it| it["id"] != "cheap").unwrap();
        assert_eq!(choice.product["id"], "middle");
    }

    #[test]
    fn the_cap_itself_is_allowed_and_more_is_not() {
        assert!(cheapest(&products(), 0.2, |_| true).is_ok());
        let refusal = cheapest(&products(), 0.19, |_| true).unwrap_err();
        assert!(refusal.contains("0.2 USD") && refusal.contains("TESTACC_MAX_HOURLY_PRICE"), "{refusal}");
    }

    #[test]
    fn nothing_in_stock_is_no_choice() {
        for none in [json!([]), json!(null), json!([{"id": "a", "available": false, "hourly_price": 0.1}])] {
            assert!(cheapest(&none, 9.0, |_| true).unwrap_err().contains("in stock"), "{none}");
        }
    }
}
