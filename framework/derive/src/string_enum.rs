//! `#[derive(StringEnum)]`: allowed texts from the variants of an enum.

use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Path, Result, Variant};

use crate::Expansion;
use crate::text::{camel_case, snake_case};

pub(crate) fn expand(input: &DeriveInput) -> Result<Expansion> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "StringEnum is for enums; a struct wants derive(Model)",
        ));
    };
    let (snake, tfplugin) = enum_options(input)?;
    let name = &input.ident;
    let mut texts = Vec::new();
    for variant in &data.variants {
        texts.push(text_of(variant, snake)?);
    }
    let variants = data.variants.iter().map(|it| &it.ident);
    let code = quote! {
        impl __tfplugin::model::StringEnum for #name {
            const VARIANTS: &'static [(&'static str, Self)] = &[#((#texts, Self::#variants)),*];
        }

        impl __tfplugin::attr::FieldType for #name {
            fn attribute_type() -> __tfplugin::schema::AttributeType {
                __tfplugin::schema::AttributeType::Value(__tfplugin::types::Type::String)
            }

            fn checks() -> ::std::vec::Vec<__tfplugin::schema::Check> {
                ::std::vec![__tfplugin::schema::Check::OneOf(::std::vec![#(#texts),*])]
            }

            fn from_known(
                value: &__tfplugin::value::Value,
            ) -> ::std::result::Result<Self, __tfplugin::attr::Mismatch> {
                value
                    .as_str()
                    .and_then(<Self as __tfplugin::model::StringEnum>::from_text)
                    .ok_or(__tfplugin::attr::Mismatch::wanted("one of the allowed values"))
            }

            fn to_value(&self) -> __tfplugin::value::Value {
                __tfplugin::value::Value::from(__tfplugin::model::StringEnum::as_str(*self))
            }
        }
    };
    Ok(Expansion { code, tfplugin })
}

/// Whether the texts are in snake_case, and the path of the crate `tfplugin` if one is given.
fn enum_options(input: &DeriveInput) -> Result<(bool, Option<Path>)> {
    let (mut snake, mut tfplugin) = (false, None);
    for attribute in input.attrs.iter().filter(|it| it.path().is_ident("string_enum")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("snake_case") {
                snake = true;
                return Ok(());
            }
            if meta.path.is_ident("crate") {
                tfplugin = Some(meta.value()?.call(Path::parse_mod_style)?);
                return Ok(());
            }
            Err(meta.error("on an enum, `string_enum` knows `snake_case` and `crate = …` only"))
        })?;
    }
    Ok((snake, tfplugin))
}

fn text_of(variant: &Variant, snake: bool) -> Result<String> {
    if !matches!(variant.fields, Fields::Unit) {
        return Err(Error::new_spanned(
            variant,
            "a string enum has no fields: it is one of the allowed texts",
        ));
    }
    if let Some(attribute) = variant.attrs.iter().find(|it| it.path().is_ident("string_enum")) {
        return written_text(attribute);
    }
    let name = snake_case(&variant.ident.to_string());
    Ok(if snake { name } else { camel_case(&name) })
}

fn written_text(attribute: &Attribute) -> Result<String> {
    let text = attribute.parse_args::<LitStr>().map(|it| it.value());
    text.map_err(|_| {
        Error::new_spanned(attribute, "on a variant, write its text: `#[string_enum(\"text\")]`")
    })
}
