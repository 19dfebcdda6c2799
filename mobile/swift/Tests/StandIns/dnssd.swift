// swift-format-ignore-file
// What `DNSServiceResolver` uses of Apple's dnssd, so that other systems can compile it. It does nothing.

import Dispatch

public typealias DNSServiceRef = OpaquePointer
public typealias DNSServiceFlags = UInt32
public typealias DNSServiceErrorType = Int32

public let kDNSServiceType_A = 1
public let kDNSServiceType_AAAA = 28
public let kDNSServiceType_SRV = 33
public let kDNSServiceClass_IN = 1

public let kDNSServiceFlagsMoreComing = 1
public let kDNSServiceFlagsAdd = 2
public let kDNSServiceFlagsReturnIntermediates = 0x1000

public let kDNSServiceErr_NoError = 0
public let kDNSServiceErr_NoSuchName = -65_538
public let kDNSServiceErr_Refused = -65_553
public let kDNSServiceErr_NoSuchRecord = -65_554
public let kDNSServiceErr_ServiceNotRunning = -65_563
public let kDNSServiceErr_Timeout = -65_568

public typealias DNSServiceQueryRecordReply = @convention(c) (
    DNSServiceRef?, DNSServiceFlags, UInt32, DNSServiceErrorType, UnsafePointer<CChar>?, UInt16, UInt16, UInt16,
    UnsafeRawPointer?, UInt32, UnsafeMutableRawPointer?
) -> Void

public func DNSServiceQueryRecord(
    _ service: UnsafeMutablePointer<DNSServiceRef?>?, _ flags: DNSServiceFlags, _ interface: UInt32,
    _ name: UnsafePointer<CChar>?, _ type: UInt16, _ kind: UInt16, _ reply: DNSServiceQueryRecordReply?,
    _ context: UnsafeMutableRawPointer?
) -> DNSServiceErrorType { DNSServiceErrorType(kDNSServiceErr_ServiceNotRunning) }

public func DNSServiceSetDispatchQueue(_ service: DNSServiceRef?, _ queue: DispatchQueue?) -> DNSServiceErrorType {
    DNSServiceErrorType(kDNSServiceErr_ServiceNotRunning)
}

public func DNSServiceRefDeallocate(_ service: DNSServiceRef?) {}
