//! Data source `novita_network`: one that exists, with the machines in it, which come and go and so are no part of the
//! resource.

use tfplugin::attr::{Attr, Map};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::{Result, Rules};

use crate::provider::clients::{Clients, Cx};
use crate::provider::life_cycle::by_name::{id_of, reject_id};
use crate::provider::life_cycle::remote::Answer as _;
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::network::{Network, Vpc};
use crate::provider::read_back::{read_back_text, text_or_null};

/// Get an existing VPC network of Novita AI with its instances.
///
/// Vendor documentation: [Get VPC network](https://novita.ai/docs/api-reference/gpu-instance-get-vpc).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct FoundNetwork {
    /// ID of the network. Set exactly one of `id` and `name`.
    #[tf(optional, computed, len = 1..=255)]
    id: Attr<String>,
    /// Exact name of the network. Set exactly one of `id` and `name`. A name that several networks have is an error.
    #[tf(optional, computed, len = 1..=255)]
    name: Attr<String>,
    /// ID of the cluster.
    #[tf(computed)]
    cluster_id: Attr<String>,
    /// Address range in CIDR notation.
    #[tf(computed)]
    segment: Attr<String>,
    /// Status as returned by the API: `creating` or `ready`.
    #[tf(computed)]
    status: Attr<String>,
    /// Time of creation in RFC 3339 format.
    #[tf(computed)]
    created_at: Attr<String>,
    /// Private addresses of the instances in the network, by instance ID.
    #[tf(computed)]
    addresses: Attr<Map<String>>,
}

impl DataSource for FoundNetwork {
    type Data = Clients;

    const TYPE: &'static str = Network::TYPE;

    fn validate(&self, rules: &mut Rules) {
        rules.exclusive(&[("id", self.id.is_set()), ("name", self.name.is_set())]);
        if self.id.is_null() && self.name.is_null() {
            rules.lacks("id", "Set one of `id` and `name`: it decides what to look up.");
        }
        reject_id::<Network>(rules, &self.id);
    }

    async fn read(cx: &Cx, mut config: Self) -> Result<Self> {
        let remote = Network::remote(cx)?;
        let id = match config.id.text() {
            Some(id) => id.to_owned(),
            None => id_of::<Network>(&remote, config.name.text_or_empty()).await?,
        };
        let found = remote.existing(&id, "id").await?;
        let created = found.created();
        let Vpc { id, name, state, segment, cluster_id, addresses, create_time: _ } = found;
        config.id = id.into();
        read_back_text(&mut config.name, name);
        config.cluster_id = text_or_null(cluster_id);
        config.segment = text_or_null(segment);
        config.status = text_or_null(state.state);
        config.created_at = Attr::from_option(created.map(|it| it.to_string()));
        config.addresses = addresses.into_iter().map(|it| (it.id, it.ip)).collect::<Map<_>>().into();
        Ok(config)
    }
}
