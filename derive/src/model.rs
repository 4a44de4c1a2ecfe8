//! `#[derive(Model)]`: one builder call per field, and the two conversions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Field, Fields, GenericArgument, Lit, Meta, PathArguments,
    Result, Token, Type,
};

pub(crate) fn expand(input: DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "Model is for structs; an enum wants derive(Choice)"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a model needs named fields, one per attribute"));
    };
    let snake = is_snake_case(&input.attrs)?;
    let name = &input.ident;
    let text = doc_text(&input.attrs).ok_or_else(|| {
        Error::new_spanned(name, "write a doc comment: it is the description that users read")
    })?;
    let mut builders = Vec::new();
    for field in &fields.named {
        builders.push(builder(field, snake)?);
    }
    let idents: Vec<_> = fields.named.iter().filter_map(|it| it.ident.as_ref()).collect();
    let names: Vec<_> = idents.iter().map(|it| attribute_name(it)).collect();
    Ok(quote! {
        impl crate::framework::model::Model for #name {
            const TEXT: &'static str = #text;

            fn attributes() -> ::std::vec::Vec<crate::framework::schema::Attribute> {
                ::std::vec![#(#builders),*]
            }

            fn from_object(
                object: &crate::framework::value::Value,
            ) -> ::std::result::Result<Self, crate::framework::attr::Mismatch> {
                ::std::result::Result::Ok(Self {
                    #(#idents: crate::framework::attr::Attr::member(object, #names)?,)*
                })
            }

            fn to_object(&self) -> crate::framework::value::Value {
                crate::framework::value::Value::Map(::std::collections::BTreeMap::from([
                    #((::std::string::String::from(#names), self.#idents.to_value()),)*
                ]))
            }
        }

        impl crate::framework::attr::FieldType for #name {
            fn kind() -> crate::framework::schema::Kind {
                crate::framework::schema::Kind::Nested(
                    crate::framework::schema::Nesting::Single,
                    <Self as crate::framework::model::Model>::attributes(),
                )
            }

            fn from_known(
                value: &crate::framework::value::Value,
            ) -> ::std::result::Result<Self, crate::framework::attr::Mismatch> {
                if value.as_map().is_none() {
                    return ::std::result::Result::Err(crate::framework::attr::Mismatch::wanted("an object"));
                }
                <Self as crate::framework::model::Model>::from_object(value)
            }

            fn to_value(&self) -> crate::framework::value::Value {
                <Self as crate::framework::model::Model>::to_object(self)
            }
        }
    })
}

fn is_snake_case(attributes: &[Attribute]) -> Result<bool> {
    let mut snake = false;
    for attribute in attributes.iter().filter(|it| it.path().is_ident("tf")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("snake_case") {
                snake = true;
                return Ok(());
            }
            Err(meta.error("on a struct, `tf` knows `snake_case` only"))
        })?;
    }
    Ok(snake)
}

/// What the rules below need to know of a field once all of its options are read.
#[derive(Default)]
struct Options {
    calls: Vec<TokenStream>,
    configurable: bool,
    computed: bool,
    change: usize,
    wire: Option<String>,
    wire_with: Option<Expr>,
    no_wire: bool,
    local: bool,
}

fn builder(field: &Field, snake: bool) -> Result<TokenStream> {
    let ident =
        field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "a model needs named fields"))?;
    let inner = attr_argument(&field.ty)
        .ok_or_else(|| Error::new_spanned(&field.ty, "a field of a model has the type `Attr<…>`"))?;
    let text = doc_text(&field.attrs).ok_or_else(|| {
        Error::new_spanned(ident, "write a doc comment: it is the description that users read")
    })?;
    let options = options(field)?;
    check(ident, &options)?;
    let name = attribute_name(ident);
    let calls = &options.calls;
    let wire = wire(&name, &options, snake);
    Ok(quote! {
        crate::framework::schema::Attribute::new::<#inner>(#name, #text)#(.#calls)*#wire
    })
}

fn options(field: &Field) -> Result<Options> {
    let mut options = Options::default();
    for attribute in field.attrs.iter().filter(|it| it.path().is_ident("tf")) {
        attribute.parse_nested_meta(|meta| option(&meta, &mut options))?;
    }
    Ok(options)
}

fn option(meta: &ParseNestedMeta<'_>, options: &mut Options) -> Result<()> {
    let name = meta.path.require_ident()?.to_string();
    let call = format_ident!("{name}");
    match name.as_str() {
        "required" | "optional" => options.configurable = true,
        "computed" => options.computed = true,
        "sensitive" | "write_only" | "volatile" | "adopt" | "protects" => {}
        "replace" => options.change += 1,
        "local" => {
            options.change += 1;
            options.local = true;
        }
        "replace_if" => {
            options.change += 1;
            let arguments;
            syn::parenthesized!(arguments in meta.input);
            let arguments = arguments.parse_terminated(Expr::parse, Token![,])?;
            options.calls.push(quote!(replace_if(#arguments)));
            return Ok(());
        }
        "via" => {
            options.change += 1;
            return push_value(meta, options);
        }
        "len" | "range" | "items" | "keys" | "default" | "deprecated" => return push_value(meta, options),
        "one_of" | "format" => {
            let value: Expr = meta.value()?.parse()?;
            options.calls.push(quote!(#call(&#value)));
            return Ok(());
        }
        "wire" => {
            options.wire = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            return Ok(());
        }
        "wire_with" => {
            options.wire_with = Some(meta.value()?.parse()?);
            return Ok(());
        }
        "no_wire" => {
            options.no_wire = true;
            return Ok(());
        }
        _ => return Err(meta.error(format!("`tf` has no option `{name}`"))),
    }
    options.calls.push(quote!(#call()));
    Ok(())
}

fn push_value(meta: &ParseNestedMeta<'_>, options: &mut Options) -> Result<()> {
    let call = meta.path.require_ident()?;
    let value: Expr = meta.value()?.parse()?;
    options.calls.push(quote!(#call(#value)));
    Ok(())
}

fn check(ident: &syn::Ident, options: &Options) -> Result<()> {
    let fault = if !options.configurable && !options.computed {
        "say who sets it: `required`, `optional` or `computed`"
    } else if options.configurable && options.change == 0 {
        "say what a new value costs: `replace`, `replace_if(…)`, `via = \"…\"` or `local`"
    } else if options.change > 1 {
        "say once what a new value costs: `replace`, `replace_if(…)`, `via = \"…\"` or `local`"
    } else if !options.configurable && options.change > 0 {
        "nobody can change it: it is only `computed`"
    } else if options.no_wire && (options.wire.is_some() || options.wire_with.is_some()) {
        "`no_wire` contradicts `wire` and `wire_with`"
    } else {
        return Ok(());
    };
    Err(Error::new_spanned(ident, fault))
}

fn wire(name: &str, options: &Options, snake: bool) -> TokenStream {
    if options.no_wire || options.local || !options.configurable {
        return TokenStream::new();
    }
    let natural = || if snake { name.to_owned() } else { camel_case(name) };
    let wire = options.wire.clone().unwrap_or_else(natural);
    let encode = options.wire_with.as_ref().map(|it| quote!(.wire_with(#it)));
    quote!(.wire(#wire)#encode)
}

/// `T` of `Attr<T>`.
fn attr_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|it| it.ident == "Attr")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

/// The doc comment as one text: paragraphs kept, lines joined.
fn doc_text(attributes: &[Attribute]) -> Option<String> {
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

fn attribute_name(ident: &syn::Ident) -> String {
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
    fn names_change_between_hcl_and_wire() {
        assert_eq!(camel_case("min_cuda_version"), "minCudaVersion");
        assert_eq!(camel_case("name"), "name");
        assert_eq!(snake_case("OnDemand"), "on_demand");
        assert_eq!(camel_case(&snake_case("OnDemand")), "onDemand");
    }
}
