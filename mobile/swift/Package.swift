// swift-tools-version: 6.0

import Foundation
import PackageDescription

/// The core as the C module `RehomeFFIC`: the XCFramework that the released package has beside this file, on Apple's
/// systems; else a system library, whose folder the linker is given (`-Xlinker -L...`).
func core() -> Target {
    #if os(macOS)
        let name = "RehomeFFIC.xcframework"
        if FileManager.default.fileExists(atPath: Context.packageDirectory + "/" + name) {
            return .binaryTarget(name: "RehomeFFIC", path: name)
        }
    #endif
    return .systemLibrary(name: "RehomeFFIC")
}

/// What Apple wants to know of a library's privacy goes with it as a resource; elsewhere it would only be in the way.
func privacy() -> (resources: [Resource], exclude: [String]) {
    #if os(macOS)
        return ([.process("PrivacyInfo.xcprivacy")], [])
    #else
        return ([], ["PrivacyInfo.xcprivacy"])
    #endif
}

let package = Package(
    name: "Rehome",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "Rehome", targets: ["Rehome"]),
        // For a first registration without a stack, and as a pattern.
        .library(name: "SampleRegistrar", targets: ["SampleRegistrar"]),
    ],
    targets: [
        core(),
        // Generated from bindings/uniffi; never committed.
        .target(
            name: "RehomeFFI", dependencies: ["RehomeFFIC"], path: "Sources/Generated",
            exclude: ["RehomeFFIC.h", "RehomeFFIC.modulemap"]),
        .target(
            name: "Rehome", dependencies: ["RehomeFFI"], exclude: privacy().exclude, resources: privacy().resources),
        .target(name: "SampleRegistrar", dependencies: ["Rehome"]),
        .executableTarget(
            name: "rehome-phone", dependencies: ["Rehome", "SampleRegistrar"], path: "Sources/RehomePhone"),
        .executableTarget(name: "rehome-bench", dependencies: ["Rehome"], path: "Sources/RehomeBench"),
        .testTarget(name: "RehomeTests", dependencies: ["Rehome"]),
        .testTarget(name: "ReadmeTests", dependencies: ["Rehome", "SampleRegistrar"]),
        .testTarget(name: "LabTests", dependencies: ["Rehome", "SampleRegistrar"]),
    ],
    swiftLanguageModes: [.v6]
)
