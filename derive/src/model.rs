//! `#[derive(Model)]`: one builder call per field, and the two conversions.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Fields, FieldsNamed, Result};

use crate::field::{Part, part};
use crate::text::doc_text;

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "Model is for structs; an enum wants derive(StringEnum)",
        ));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a model needs named fields, one per attribute"));
    };
    let name = &input.ident;
    let text = doc_text(&input.attrs).ok_or_else(|| {
        Error::new_spanned(name, "write a doc comment: it is the description that users read")
    })?;
    let parts = parts(fields, struct_options(&input.attrs)?)?;
    let attributes = parts.iter().map(|it| &it.attributes);
    let members = parts.iter().map(|it| &it.from_object);
    let writes = parts.iter().map(|it| &it.to_object);
    Ok(quote! {
        impl crate::framework::model::Model for #name {
            const TEXT: &'static str = #text;

            fn attributes() -> ::std::vec::Vec<crate::framework::schema::Attribute> {
                let mut attributes = ::std::vec::Vec::new();
                #(#attributes)*
                attributes
            }

            fn from_object(
                object: &crate::framework::value::Value,
            ) -> ::std::result::Result<Self, crate::framework::attr::Mismatch> {
                ::std::result::Result::Ok(Self { #(#members),* })
            }

            fn to_object(&self) -> crate::framework::value::Value {
                let mut members = ::std::collections::BTreeMap::new();
                #(#writes)*
                crate::framework::value::Value::Map(members)
            }
        }

        impl crate::framework::attr::FieldType for #name {
            fn attribute_type() -> crate::framework::schema::AttributeType {
                crate::framework::schema::AttributeType::Nested(
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

/// The code of all fields; what is wrong with several of them is told at once.
fn parts(fields: &FieldsNamed, options: StructOptions) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut faults: Option<Error> = None;
    for field in &fields.named {
        match (part(field, options), &mut faults) {
            (Ok(part), _) => parts.push(part),
            (Err(fault), Some(faults)) => faults.combine(fault),
            (Err(fault), none) => *none = Some(fault),
        }
    }
    faults.map_or(Ok(parts), Err)
}

/// What holds for all fields of a model.
#[derive(Clone, Copy, Default)]
pub(crate) struct StructOptions {
    /// Wire names are the fields' own.
    pub(crate) snake_case: bool,
    /// The object is part of another attribute, whose definition says what a change costs.
    pub(crate) nested: bool,
    /// The object is read once and has no state: there is no cost of a change, and no request.
    pub(crate) settings: bool,
}

fn struct_options(attributes: &[Attribute]) -> Result<StructOptions> {
    let mut options = StructOptions::default();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("tf")) {
        attribute.parse_nested_meta(|meta| {
            let known = [
                ("snake_case", &mut options.snake_case),
                ("nested", &mut options.nested),
                ("settings", &mut options.settings),
            ];
            match known.into_iter().find(|(name, _)| meta.path.is_ident(name)) {
                Some((_, option)) => *option = true,
                None => {
                    return Err(
                        meta.error("on a struct, `tf` knows `snake_case`, `nested` and `settings` only")
                    );
                }
            }
            Ok(())
        })?;
    }
    Ok(options)
}
