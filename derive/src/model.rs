//! `#[derive(Model)]`: one builder call per field, and the two conversions.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Fields, FieldsNamed, Result};

use crate::field::builder;
use crate::text::{attribute_name, doc_text};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "Model is for structs; an enum wants derive(Choice)"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a model needs named fields, one per attribute"));
    };
    let name = &input.ident;
    let text = doc_text(&input.attrs).ok_or_else(|| {
        Error::new_spanned(name, "write a doc comment: it is the description that users read")
    })?;
    let builders = builders(fields, is_snake_case(&input.attrs)?)?;
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

/// The builder calls of all fields; what is wrong with several of them is told at once.
fn builders(fields: &FieldsNamed, snake: bool) -> Result<Vec<TokenStream>> {
    let mut calls = Vec::new();
    let mut faults: Option<Error> = None;
    for field in &fields.named {
        match (builder(field, snake), &mut faults) {
            (Ok(call), _) => calls.push(call),
            (Err(fault), Some(faults)) => faults.combine(fault),
            (Err(fault), none) => *none = Some(fault),
        }
    }
    faults.map_or(Ok(calls), Err)
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
