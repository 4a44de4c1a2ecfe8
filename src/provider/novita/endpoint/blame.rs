//! Which setting of an endpoint a refusal is about.
//!
//! The API's errors name fields of nested objects, or the fields of an instance for what an endpoint
//! calls otherwise. Here they become the endpoint's own names, dotted from the outside in.

use crate::api::error::Error;

/// Last part of the API's name, and where it stands in an endpoint. From the create call's page.
const PLACES: &[(&str, &str)] = &[
    ("minNum", "workerConfig.minNum"),
    ("maxNum", "workerConfig.maxNum"),
    ("freeTimeout", "workerConfig.freeTimeout"),
    ("maxConcurrent", "workerConfig.maxConcurrent"),
    ("gpuNum", "workerConfig.gpuNum"),
    ("requestTimeout", "workerConfig.requestTimeout"),
    ("cudaVersion", "workerConfig.cudaVersion"),
    ("minCudaVersion", "workerConfig.cudaVersion"),
    ("imageUrl", "image.image"),
    ("authId", "image.authId"),
    ("command", "image.command"),
    ("networkStorages", "volumeMounts"),
    ("mountPath", "volumeMounts"),
    ("clusterId", "clusterID"),
    ("port", "ports"),
];

/// The error with the endpoint's name of the field to blame.
pub(super) fn settings(mut error: Error) -> Error {
    let details = error.details_mut();
    details.field = details.field.take().map(|it| place(&it));
    error
}

fn place(field: &str) -> String {
    let field = field.strip_prefix("endpoint.").unwrap_or(field);
    let last = field.rsplit('.').next().unwrap_or(field);
    match PLACES.iter().find(|(name, _)| *name == last) {
        // What already has its place keeps it: `healthy.command` is not the image's.
        Some((_, place)) if !field.contains('.') || place.contains(field) => (*place).to_owned(),
        Some(_) | None => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error::Details;

    #[test]
    fn a_field_gets_the_endpoints_name() {
        for (said, place) in [
            ("minNum", "workerConfig.minNum"),
            ("endpoint.minNum", "workerConfig.minNum"),
            ("endpoint.workerConfig.minNum", "workerConfig.minNum"),
            ("workerConfig.minNum", "workerConfig.minNum"),
            ("endpoint", "endpoint"),
            ("imageUrl", "image.image"),
            ("networkStorages", "volumeMounts"),
            ("minCudaVersion", "workerConfig.cudaVersion"),
            ("port", "ports"),
            ("appName", "appName"),
            ("healthy.path", "healthy.path"),
            ("healthy.command", "healthy.command"),
            ("products", "products"),
        ] {
            let details = Details { field: Some(said.to_owned()), ..Details::default() };
            let error = settings(Error::Rejected(details.into()));
            assert_eq!(error.details().field.as_deref(), Some(place), "{said}");
        }
        assert_eq!(settings(Error::Rejected(Box::default())).details().field, None);
    }
}
