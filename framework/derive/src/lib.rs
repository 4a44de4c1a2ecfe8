//! `#[derive(Model)]` and `#[derive(StringEnum)]` for resources on the crate `tfplugin`, which re-exports them.
//!
//! Both only emit calls of the schema's builder and of the field conversions there; a new rule is a new builder
//! method there, not logic here.

mod field;
mod model;
mod string_enum;
mod text;

use proc_macro::TokenStream;
use quote::quote;

/// Makes a struct of `Attr<…>` fields a model. Each field takes its doc comment as description and
/// `#[tf(…)]` with the names of builder calls: `required`, `optional`, `computed`, `sensitive`,
/// `write_only`, `deprecated = "…"`, `default = …`, `len = 1..=255`, `range = 1..=8`,
/// `one_of = [1, 2]`, `items = 0..=30`, `null_elements` (they may be null), `keys = 1..=511`, `format = PORT`, `canonical = fn` (texts of one
/// canonical form are equal), `unset = 1` (null is equal to it), what a change costs (`replace`, `replace_if(fn(&old, &new) -> bool, "…")`,
/// `via = "…"`, `local`), `volatile`, `not_returned`, `at_least`, `deletion_protection` and `identity`.
/// With the feature `rest`, also how it travels in a request: `wire = "name"` (else camelCase), `wire_with = fn`, `no_wire`. A field with `#[tf(flatten)]`
/// is another model, whose attributes are taken as if they stood here.
///
/// On the struct: `#[tf(snake_case)]`, with the feature `rest`, keeps the field names as wire names; `#[tf(nested)]` is for the
/// parts of another attribute, which says what a change costs; `#[tf(settings)]` is for a provider
/// block or a data source, which has neither a cost of a change nor a request; `#[tf(crate = path)]` names
/// the crate `tfplugin` where it has another name.
#[proc_macro_derive(Model, attributes(tf))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    expand(input, model::expand)
}

/// Makes a field-less enum a set of allowed texts: the camelCase variant names, or snake_case ones
/// under `#[string_enum(snake_case)]`, or `#[string_enum("text")]` on a variant. `#[string_enum(crate = path)]`
/// names the crate `tfplugin` where it has another name.
#[proc_macro_derive(StringEnum, attributes(string_enum))]
pub fn derive_string_enum(input: TokenStream) -> TokenStream {
    expand(input, string_enum::expand)
}

type Expander = fn(&syn::DeriveInput) -> syn::Result<Expansion>;

/// What a derive makes: code that calls the crate `__tfplugin`, and which crate that is.
struct Expansion {
    code: proc_macro2::TokenStream,
    /// Its path, where it has another name.
    tfplugin: Option<syn::Path>,
}

fn expand(input: TokenStream, expander: Expander) -> TokenStream {
    let expanded =
        syn::parse(input).and_then(|input| expander(&input)).map(|Expansion { code, tfplugin }| {
            let path = tfplugin.map_or_else(|| quote!(::tfplugin), |it| quote!(#it));
            quote! {
                const _: () = {
                    use #path as __tfplugin;
                    #code
                };
            }
        });
    expanded.unwrap_or_else(|error| error.to_compile_error()).into()
}
