//! The names of the behaviours, each with what it does.

use serde::{Deserialize, Serialize};

/// Switches that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Group {
    /// What nobody asked for is filled in, rounded, renamed or written in another form.
    FillsIn,
    /// Lists that lag, and pages that do not keep to their numbers.
    Lists,
    /// What stands around objects: wrappers and other keys.
    Answers,
    /// Products, offers and limits.
    Catalogue,
    /// What happens to things: calls without effect, reclaims, terms that end.
    Life,
    /// One request in eight, whichever it is, goes wrong. These are drawn by the request, always.
    Hiccups,
}

/// Declares the switches once: name, group, and the text that both the documentation and the control
/// page show.
macro_rules! switches {
    ($($group:ident { $($(#[doc = $about:literal])+ $name:ident,)+ })+) => {
        /// One behaviour that can be turned on alone. In JSON the names are in camelCase.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Switch {
            $($($(#[doc = $about])+ $name,)+)+
        }

        impl Switch {
            /// All of them, group by group.
            pub const ALL: [Self; [$($(stringify!($name)),+),+].len()] = [$($(Self::$name),+),+];

            /// What it does, in a sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $($(Self::$name => concat!($($about),+).trim_ascii_start(),)+)+
                }
            }

            /// The group that it belongs to.
            pub fn group(self) -> Group {
                match self {
                    $($(Self::$name)|+ => Group::$group,)+
                }
            }

            /// Its name in Rust.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $($(Self::$name => stringify!($name),)+)+
                }
            }
        }
    };
}

switches! {
    FillsIn {
        /// `command`, when it was left out, is shown as the image has it; an endpoint's too.
        EchoCommand,
        /// `entrypoint`, when it was left out, is shown as the image has it.
        EchoEntrypoint,
        /// `portMappings` has 22/tcp.
        SshPort,
        /// `tools` lists Jupyter on an instance made without tools.
        JupyterTool,
        /// An instance made without a network shows the default one.
        DefaultNetwork,
        /// An endpoint's `cudaVersion` is `any` when it was left out.
        CudaAny,
        /// `imageAuthId` (an endpoint's `image.authId`) is filled in; lost when an upgrade or update leaves it out.
        ImageAuthId,
        /// `envs` has variables of the platform; lost when an upgrade or update leaves them out.
        PlatformVariables,
        /// `volumeMounts` has a local disk of the platform; an endpoint loses it when an update leaves it out.
        PlatformVolumes,
        /// An endpoint shows a cluster when none was asked for.
        ClusterFilled,
        /// A VM made without a label shows one.
        LabelFilled,
        /// Disks are made larger than asked, up to a multiple of 16 GB: 64 for 60. Storages too.
        DiskRounded,
        /// `productId`, an endpoint's product and a VM's node are written in other case, digits as a number.
        ProductForm,
        /// Names of hardware are longer: `gpu_type` `RTX 5090` for `5090`, `productName` with its maker.
        GpuNames,
        /// Image references are written out: `docker.io/library/nginx:latest` for `nginx`.
        ImageNormalised,
        /// Words of a fixed set (kind, billing mode, types) are written in other case.
        WordCase,
        /// The status is written in other case.
        StatusCase,
        /// Transitional statuses and failures have names that no document knows.
        UnknownStatuses,
        /// Identifiers of digits are numbers; new instances, endpoints, storages, networks, registry auths and prewarms get such ones.
        IdsAsNumbers,
        /// Amounts carry their unit: `cpuNum` `16 cores`, `memory` `62 GB`.
        AmountsWithUnits,
        /// An empty text stands where an object without news would.
        EmptyTextForObject,
        /// Times of Nova Cloud have no zone.
        TimesWithoutZone,
        /// An endpoint's `state` is a text.
        StateAsText,
        /// Objects carry members that no document names, also inside `workerConfig` and `image`.
        UnknownMembers,
        /// `statusError` and `state.error` of what is well say `none`, `ok`, `-` or `null`.
        StatusErrorFiller,
        /// Members for display only come in types that no document names.
        OddDisplayFields,
        /// Sizes in GB are texts of digits.
        SizesAsTexts,
    }
    Lists {
        /// A new thing is not in lists for the seconds of the list lag (20 by default).
        NewUnlisted,
        /// A thing that went stays in lists for the seconds of the list lag, as it was.
        RemovedListed,
        /// Lists show things as they were the seconds of the list lag ago.
        StatusStale,
        /// Page 0 of a list is refused.
        Page0Refused,
        /// `total` of a list is wrong: 0, 1, or what is on this page.
        TotalWrong,
        /// Filters of lists let through what shares the first two letters of the text.
        FiltersFuzzy,
        /// A page behind the last one shows the last one again.
        PagesRepeat,
    }
    Answers {
        /// Get calls answer `{"code":0,"data":{…}}`.
        EnvelopeData,
        /// Get calls answer `{"instance":{…}}`, `{"endpoint":{…}}` or `{"vm":{…}}`.
        EnvelopeKind,
        /// Create calls answer `{"data":{…}}` or under the name of the kind.
        EnvelopedCreates,
        /// Lists stand under the key `data`, Nova Cloud's too.
        ListsUnderData,
        /// Ids are shown in other case than create answered; calls take either.
        IdsInOtherCase,
        /// What is gone is "not found for this user", with the names of other things in the message.
        GoneForThisUser,
        /// Creating a storage answers `{"storageId", "storageName", "clusterId"}`.
        StorageIdInObject,
        /// Creating a storage answers `{"id"}`.
        StorageIdAsId,
        /// Creating a network answers `{}`, and does not show it.
        NetworkCreatedEmpty,
        /// A network, and its state, come as an object in place of a list of one.
        NetworkAsObject,
        /// The list of networks stands under the key `networks`.
        NetworksPlural,
        /// Saving a registry auth answers `{"id"}`, and not `{}`.
        AuthIdInAnswer,
        /// Saving a registry auth answers 204 with nothing in it.
        AuthSavedEmpty,
        /// Lists show registry auths with masked passwords.
        PasswordsMasked,
    }
    Catalogue {
        /// Catalogue calls answer without items, `/endpoint/limit` without bounds.
        CatalogueEmpty,
        /// Catalogue calls answer in another shape.
        CatalogueReshaped,
        /// Catalogue calls answer 200 with a web page.
        CatalogueUnreadable,
        /// Products and offers that are sold out are not listed.
        SoldOutHidden,
        /// Bounds of products, endpoints and the account are 0, the CUDA versions none.
        ZeroLimits,
        /// Endpoints may ask for half as much as before, and for a smaller disk.
        LoweredLimits,
    }
    Life {
        /// The first delete, stop and start of each thing is accepted and nothing happens.
        FirstActionIgnored,
        /// A spot machine that was reclaimed stays, as `exited`.
        ReclaimedStays,
        /// Monthly machines go when their term is over.
        TermsEnd,
        /// While there is no endpoint, the first two creates are refused: the serverless cluster sleeps.
        ServerlessSleeps,
    }
    Hiccups {
        /// A get says that there is no such thing, although there is.
        Forgets,
        /// A get or a list answers something odd (see `Odd`).
        OddAnswers,
        /// The call is refused with 429, with and without `Retry-After`.
        TooManyRequests,
        /// The call is refused by a proxy with 502, 503 or 504.
        ProxyErrors,
    }
}
