//! Texts from source code: doc comments as descriptions, names between HCL, Rust and the wire.

use syn::{Attribute, Expr, Lit, Meta};

/// The doc comment as one text: paragraphs kept, lines joined.
pub(crate) fn doc_text(attributes: &[Attribute]) -> Option<String> {
    let lines = attributes.iter().filter(|it| it.path().is_ident("doc")).filter_map(doc_line);
    let mut paragraphs = vec![String::new()];
    for line in lines {
        let line = line.trim().to_owned();
        match paragraphs.last_mut() {
            _ if line.is_empty() => paragraphs.push(String::new()),
            Some(last) if last.is_empty() => *last = line,
            Some(last) => *last = format!("{last} {line}"),
            None => {}
        }
    }
    let text = paragraphs.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n\n");
    (!text.is_empty()).then_some(text)
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(literal) = &pair.value else { return None };
    match &literal.lit {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

pub(crate) fn attribute_name(ident: &syn::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// `gpu_num` → `gpuNum`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &capitalized(word))
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `OnDemand` → `on_demand`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_keeps_paragraphs_and_joins_lines() {
        let item: syn::ItemStruct = syn::parse_quote! {
            /// One line,
            /// and its rest.
            ///
            /// A second paragraph.
            struct It;
        };
        assert_eq!(doc_text(&item.attrs).as_deref(), Some("One line, and its rest.\n\nA second paragraph."));
        let silent: syn::ItemStruct = syn::parse_quote!(
            #[doc = "  "]
            struct It;
        );
        assert_eq!(doc_text(&silent.attrs), None);
    }

    #[test]
    fn names_change_between_hcl_and_wire() {
        assert_eq!(camel_case("min_cuda_version"), "minCudaVersion");
        assert_eq!(camel_case("name"), "name");
        assert_eq!(snake_case("OnDemand"), "on_demand");
        assert_eq!(camel_case(&snake_case("OnDemand")), "onDemand");
    }
}
