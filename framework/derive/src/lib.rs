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

/// Makes a struct of `Attr<…>` fields a model. Each field takes its doc comment as description and `#[tf(…)]` with the
/// words below. What is forgotten or has no meaning does not compile, with a message that says so.
///
/// | field type | in a configuration |
/// | --- | --- |
/// | `Attr<String>`, `Attr<bool>` | a text, `true` or `false` |
/// | `Attr<i32>`, `Attr<i64>`, `Attr<u32>`, `Attr<u64>` | a whole number; one that the Rust type does not hold is refused in the plan, with the bounds |
/// | `Attr<f64>` | a number, as near as a double gets |
/// | `Attr<Number>` | a number of any size, to the last digit |
/// | `Attr<Dynamic>` | a value of any type |
/// | `Attr<E>` of a `StringEnum` | one of its texts |
/// | `Attr<List<T>>`, `Attr<Set<T>>`, `Attr<Map<T>>` | any of the above, and collections of them; with `Dynamic`, all of one type |
/// | `Attr<M>`, `Attr<List<M>>`, `Attr<Set<M>>`, `Attr<Map<M>>` of another model | objects with attributes of their own |
/// | any model, with `flatten` | the model's attributes, as if they stood here |
///
/// | word | meaning |
/// | --- | --- |
/// | `required`, `optional`, `computed` | who sets it; the last two can be combined |
/// | `default = …` | planned when nothing is configured |
/// | `unset = …` | null is equal to it |
/// | `sensitive`, `write_only`, `deprecated = "…"` | as the protocol has it; write-only not in sets |
/// | `replace`, `replace_if(fn(&old, &new) -> bool, "…")`, `via = "…"`, `local` | what a change costs: a replacement, that or a call, a call, nothing |
/// | `volatile`, `volatile = fn(&Difference) -> bool` | computed, and may be another after any call, or after a change in place for which the function says so; not in sets |
/// | `range = 1..=8`, `one_of = [1, 2]` | which numbers, as value or elements |
/// | `len = 1..=255`, `format = PORT`, `canonical = fn` | which texts, as value or elements; those of one canonical form are equal |
/// | `items = 0..=30`, `keys = 1..=511`, `null_elements` | how many elements or blocks, how long keys are, and that elements may be null |
/// | `block` | blocks instead of a value: one, or as many as a `List`, `Set` or `Map` of models has. `required`: at least one |
/// | `group` | one block that is always there, with nothing in it where none is configured |
/// | `not_returned` | the API may not tell it: what is configured after an import is adopted |
/// | `at_least` | a size: more is as good |
/// | `deletion_protection` | while `true`, destroying and replacing are refused |
/// | `identity` | part of the object's identity |
/// | `wire = "name"` (else camelCase), `wire_with = fn`, `no_wire` | with the feature `rest`: how it travels in a request |
///
/// On the struct: `nested` is for the parts of another attribute, which says what a change costs; a field can still say
/// `replace` or `replace_if`, for a change of what is there before and after. In lists and maps it replaces by the path of
/// the field, in a set by that of the set. `settings` is for a provider block or a data source, where nothing has a cost.
/// `crate = path` names the crate `tfplugin` where it has another name. `snake_case`, with the feature `rest`, keeps the
/// fields' names in requests.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether everything that the code names of `tfplugin` is reached by the path that is given.
    fn is_elsewhere(expanded: syn::Result<Expansion>) {
        let Ok(Expansion { code, tfplugin }) = expanded else { panic!("it does not expand") };
        assert_eq!(quote!(#tfplugin).to_string(), "elsewhere :: framework");
        let named = code.into_iter().flat_map(flattened).filter(|it| it == "tfplugin");
        assert_eq!(named.count(), 0);
    }

    fn flattened(tree: proc_macro2::TokenTree) -> Vec<String> {
        match tree {
            proc_macro2::TokenTree::Group(it) => it.stream().into_iter().flat_map(flattened).collect(),
            other => vec![other.to_string()],
        }
    }

    #[test]
    fn the_crate_may_have_another_name() {
        is_elsewhere(model::expand(&syn::parse_quote! {
            /// A disk.
            #[tf(crate = elsewhere::framework)]
            struct Disk {
                /// Size.
                #[tf(optional, replace_if(shrinks, "Smaller: replaced."), range = 1..=8, default = 1)]
                size: Attr<u32>,
                /// Mounts.
                #[tf(block, required, via = "Mounts anew.")]
                mounts: Attr<List<Mount>>,
                #[tf(flatten)]
                rest: Rest,
            }
        }));
        is_elsewhere(string_enum::expand(&syn::parse_quote! {
            #[string_enum(crate = elsewhere::framework)]
            enum Speed { Slow, Fast }
        }));
    }
}
