//! Types of Rust in the place of WIT's, and bindings that are shared.

use std::collections::BTreeMap;

use whit_component::{Resource, ResourceTable, bindgen, record};
use whit_core::Error;

use crate::linked;

record! {
    /// A type that was there before.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Key {
        name: String = "name",
    }
}

/// What a resource is to the host.
pub struct Bucket(Vec<u8>);

bindgen!({
    path: "tests/goldens/mapped.wit",
    world: "counting",
    with: { "example:store/buckets.bucket": self::Bucket, "example:store/buckets/key": crate::mapped::Key },
});

/// Another world that shares the interface with the one above.
mod listing {
    use super::{Bucket, Key};
    use whit_component::{Resource, bindgen};

    bindgen!({
        path: "tests/goldens/mapped.wit",
        world: "example:store/listing",
        with: { "example:store/buckets": super::example::store::buckets },
    });

    /// Its types are the same.
    pub(super) fn name_of(host: &mut impl ListingImports, bucket: Resource<Bucket>) -> Result<Key, whit_core::Error> {
        host.name_of(bucket)
    }
}

#[derive(Default)]
struct Host {
    table: ResourceTable,
    buckets: BTreeMap<String, Vec<u8>>,
}

impl example::store::buckets::Host for Host {
    fn open(&mut self, key: Key) -> Result<Result<Resource<Bucket>, Key>, Error> {
        match self.buckets.get(&key.name) {
            Some(values) => Ok(Ok(self.table.push(Bucket(values.clone()))?)),
            None => Ok(Err(key)),
        }
    }
}

impl example::store::buckets::HostBucket for Host {
    fn len(&mut self, this: Resource<Bucket>) -> Result<u32, Error> {
        Ok(self.table.get(&this)?.0.len() as u32)
    }

    fn drop(&mut self, this: Resource<Bucket>) -> Result<(), Error> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl listing::ListingImports for Host {
    fn name_of(&mut self, bucket: Resource<Bucket>) -> Result<Key, Error> {
        Ok(Key { name: format!("{:?}", self.table.get(&bucket)?.0) })
    }
}

#[test]
fn types_of_the_host_stand_for_those_of_wit() {
    let mut host = Host { buckets: BTreeMap::from([("fruit".into(), vec![1, 2, 3])]), ..Host::default() };
    let bucket = host.table.push(Bucket(vec![7])).unwrap();
    assert_eq!(listing::name_of(&mut host, bucket).unwrap(), Key { name: "[7]".into() });
    host.table.delete(bucket).unwrap();

    let (mut store, component, mut linker) = linked(include_str!("mapped.wat"), host);
    Counting::add_to_linker(&mut linker, |host| host).unwrap();
    let counting = Counting::instantiate(&mut store, &component, &linker).unwrap();
    assert_eq!(counting.call_count(&mut store, &Key { name: "fruit".into() }).unwrap(), Some(3));
    assert_eq!(counting.call_count(&mut store, &Key { name: "nuts".into() }).unwrap(), None);
    assert!(store.data().table.is_empty(), "the bucket was dropped");
}
