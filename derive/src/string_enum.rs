//! `#[derive(StringEnum)]`: allowed texts from the variants of an enum.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Result, Variant};

use crate::text::{camel_case, snake_case};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "StringEnum is for enums; a struct wants derive(Model)",
        ));
    };
    let snake = is_snake_case(input)?;
    let name = &input.ident;
    let mut texts = Vec::new();
    for variant in &data.variants {
        texts.push(text_of(variant, snake)?);
    }
    let variants = data.variants.iter().map(|it| &it.ident);
    Ok(quote! {
        impl crate::framework::model::StringEnum for #name {
            const VARIANTS: &'static [(&'static str, Self)] = &[#((#texts, Self::#variants)),*];
        }

        impl crate::framework::attr::FieldType for #name {
            fn attribute_type() -> crate::framework::schema::AttributeType {
                crate::framework::schema::AttributeType::Value(crate::framework::types::Type::String)
            }

            fn checks() -> ::std::vec::Vec<crate::framework::schema::Check> {
                ::std::vec![crate::framework::schema::Check::OneOf(::std::vec![#(#texts),*])]
            }

            fn from_known(
                value: &crate::framework::value::Value,
            ) -> ::std::result::Result<Self, crate::framework::attr::Mismatch> {
                value
                    .as_str()
                    .and_then(<Self as crate::framework::model::StringEnum>::from_text)
                    .ok_or(crate::framework::attr::Mismatch::wanted("one of the allowed values"))
            }

            fn to_value(&self) -> crate::framework::value::Value {
                crate::framework::value::Value::from(crate::framework::model::StringEnum::as_str(*self))
            }
        }
    })
}

fn is_snake_case(input: &DeriveInput) -> Result<bool> {
    let mut snake = false;
    for attribute in input.attrs.iter().filter(|it| it.path().is_ident("string_enum")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("snake_case") {
                snake = true;
                return Ok(());
            }
            Err(meta.error("on an enum, `string_enum` knows `snake_case` only"))
        })?;
    }
    Ok(snake)
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
