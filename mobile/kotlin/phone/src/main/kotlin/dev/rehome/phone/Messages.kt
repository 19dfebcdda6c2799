package dev.rehome.phone

import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Target
import java.net.InetSocketAddress
import javax.sip.SipFactory
import javax.sip.address.SipURI
import javax.sip.header.ContactHeader
import javax.sip.header.ExpiresHeader
import javax.sip.header.MinExpiresHeader
import javax.sip.header.RetryAfterHeader
import javax.sip.message.Request
import javax.sip.message.Response

/** What all REGISTERs of one binding share: a Contact and a Call-ID of their own, and a CSeq that rises. */
class Binding(val contactUser: String, val callId: String) {
    private var cseq = 0L

    @Synchronized
    fun nextCseq(): Long = ++cseq
}

/** Writes REGISTERs, and reads what their answers mean. */
class Messages(private val user: String, private val fromTag: String) {
    private val factory = SipFactory.getInstance().also { it.pathName = "gov.nist" }
    private val addresses = factory.createAddressFactory()
    private val messages = factory.createMessageFactory()
    val headers = factory.createHeaderFactory()

    /** The request URI is the domain, whoever the target is (RFC 3261 section 10.2); the Route leads to the target. */
    fun register(
        target: Target, peer: InetSocketAddress, local: InetSocketAddress, domain: String, binding: Binding, expires: Long,
    ): Request {
        val transport = target.transport.name.lowercase()
        val own = addresses.createAddress(addresses.createSipURI(user, domain))
        val via = headers.createViaHeader(local.address.hostAddress, local.port, transport, null).apply { setRPort() }
        val request = messages.createRequest(
            addresses.createURI("sip:$domain"),
            Request.REGISTER,
            headers.createCallIdHeader(binding.callId),
            headers.createCSeqHeader(binding.nextCseq(), Request.REGISTER),
            headers.createFromHeader(own, fromTag),
            headers.createToHeader(own, null),
            arrayListOf(via),
            headers.createMaxForwardsHeader(MAX_FORWARDS),
        )
        val contact = addresses.createSipURI(binding.contactUser, local.address.hostAddress)
        contact.port = local.port
        if (transport != "udp") contact.transportParam = transport
        request.addHeader(headers.createContactHeader(addresses.createAddress(contact)).apply { this.expires = expires.toInt() })
        request.addHeader(headers.createExpiresHeader(expires.toInt()))
        val way = addresses.createSipURI(null, peer.address.hostAddress)
        way.port = peer.port
        way.transportParam = transport
        way.setLrParam()
        request.addHeader(headers.createRouteHeader(addresses.createAddress(way)))
        return request
    }

    /** What this final answer means to the policy. */
    fun outcome(response: Response, binding: Binding): Outcome {
        val code = response.statusCode
        if (code < REDIRECTION) return Outcome.Accepted(granted(response, binding))
        val retry = (response.getHeader(RetryAfterHeader.NAME) as RetryAfterHeader?)?.retryAfter
        val least = (response.getHeader(MinExpiresHeader.NAME) as MinExpiresHeader?)?.expires
        return Outcome.Status(code, retry?.toLong(), least?.toLong())
    }

    /** The expiry granted to our own contact, which may be one of many (RFC 3261 section 10.2.4). */
    private fun granted(response: Response, binding: Binding): Long? {
        val own = response.getHeaders(ContactHeader.NAME).asSequence().filterIsInstance<ContactHeader>().find {
            (it.address?.uri as? SipURI)?.user == binding.contactUser
        }
        val ofContact = own?.expires?.takeIf { it >= 0 }
        return (ofContact ?: (response.getHeader(ExpiresHeader.NAME) as ExpiresHeader?)?.expires)?.toLong()
    }

    private companion object {
        const val MAX_FORWARDS = 70
        const val REDIRECTION = 300
    }
}
