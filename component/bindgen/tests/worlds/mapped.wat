;; Opens a bucket and says how many values it has.
(component
  (import "example:store/buckets" (instance $buckets
    (export "bucket" (type $bucket (sub resource)))
    (type $key' (record (field "name" string)))
    (export "key" (type $key (eq $key')))
    (export "[method]bucket.len" (func (param "self" (borrow $bucket)) (result u32)))
    (export "open" (func (param "key" $key) (result (result (own $bucket) (error $key)))))))
  (alias export $buckets "bucket" (type $bucket))
  (alias export $buckets "key" (type $key'))
  (import "key" (type $key (eq $key')))

  (core module $memory
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $m))
  (alias core export $memory "realloc" (core func $realloc))
  (core func $open (canon lower (func $buckets "open") (memory $m) (realloc $realloc)))
  (core func $len (canon lower (func $buckets "[method]bucket.len")))
  (core func $drop (canon resource.drop $bucket))

  (core module $counting
    (import "host" "open" (func $open (param i32 i32 i32)))
    (import "host" "len" (func $len (param i32) (result i32)))
    (import "host" "drop" (func $drop (param i32)))
    (import "memory" "memory" (memory 1))
    (func (export "count") (param i32 i32) (result i32)
      (call $open (local.get 0) (local.get 1) (i32.const 1024))
      ;; No bucket, no count.
      (if (i32.load8_u (i32.const 1024)) (then
        (i32.store8 (i32.const 2048) (i32.const 0))
        (return (i32.const 2048))))
      (i32.store8 (i32.const 2048) (i32.const 1))
      (i32.store (i32.const 2052) (call $len (i32.load (i32.const 1028))))
      (call $drop (i32.load (i32.const 1028)))
      (i32.const 2048)))
  (core instance $counting (instantiate $counting
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "open" (func $open))
      (export "len" (func $len))
      (export "drop" (func $drop))))))

  (func (export "count") (param "key" $key) (result (option u32))
    (canon lift (core func $counting "count") (memory $m) (realloc $realloc))))
