;; Components in components: each instance has a resource type of its own, arguments come from around, outer things are aliased.
(component
  (core module $shared
    (func (export "make") (param i32) (result i32) (local.get 0))
    (func (export "destroy") (param i32)))
  (component $leaf
    (core module $m (func (export "f")))
    (core instance (instantiate $m)))
  (component $maker
    (import "seed" (func $seed (result u32)))
    (alias outer 1 $shared (core module $shared'))
    (core instance $own (instantiate $shared'))
    (alias core export $own "destroy" (core func $destroy))
    (type $thing' (resource (rep i32) (dtor (core func $destroy))))
    (export $thing "thing" (type $thing'))
    (core func $new (canon resource.new $thing'))
    (core func $rep (canon resource.rep $thing'))
    (core module $m
      (import "" "new" (func (param i32) (result i32)))
      (import "" "rep" (func (param i32) (result i32)))
      (import "" "seed" (func (result i32)))
      (func (export "make") (result i32) (call 0 (call 2))))
    (core func $seed (canon lower (func $seed)))
    (core instance $i (instantiate $m (with "" (instance
      (export "new" (func $new)) (export "rep" (func $rep)) (export "seed" (func $seed))))))
    (alias core export $i "make" (core func $make))
    (func $make (result (own $thing)) (canon lift (core func $make)))
    (export "make" (func $make)))
  (component $user
    (import "maker" (instance $maker
      (export "thing" (type $thing (sub resource)))
      (export "make" (func (result (own $thing))))))
    (alias export $maker "thing" (type $thing))
    (core func $drop (canon resource.drop $thing))
    (core func $make (canon lower (func $maker "make")))
    (component $inner
      (alias outer 2 $shared (core module $deep))
      (core instance (instantiate $deep))
      (alias outer 2 $leaf (component $leaf'))
      (instance (instantiate $leaf')))
    (instance (instantiate $inner))
    (export "maker" (instance $maker)))
  (import "seed" (func $seed (result u32)))
  (instance $one (instantiate $maker (with "seed" (func $seed))))
  (instance $two (instantiate $maker (with "seed" (func $seed))))
  (instance $first (instantiate $user (with "maker" (instance $one))))
  (instance $second (instantiate $user (with "maker" (instance $two))))
  (export "first" (instance $first))
  (export "two" (instance $two)))
