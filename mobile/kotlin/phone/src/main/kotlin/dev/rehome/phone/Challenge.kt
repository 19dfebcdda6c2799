package dev.rehome.phone

import java.security.MessageDigest
import java.util.UUID
import javax.sip.address.URI
import javax.sip.header.AuthorizationHeader
import javax.sip.header.HeaderFactory
import javax.sip.header.ProxyAuthenticateHeader
import javax.sip.header.WWWAuthenticateHeader
import javax.sip.message.Response

/** A challenge that can be answered: MD5, with qop=auth where it is offered (RFC 2617, as RFC 3261 section 22 asks). */
class Challenge private constructor(private val header: WWWAuthenticateHeader) {
    val stale: Boolean get() = header.isStale

    fun answer(user: String, password: String, uri: URI, headers: HeaderFactory): AuthorizationHeader {
        val proxy = header is ProxyAuthenticateHeader
        val answer = if (proxy) headers.createProxyAuthorizationHeader("Digest") else headers.createAuthorizationHeader("Digest")
        val secret = md5("$user:${header.realm}:$password")
        val request = md5("REGISTER:$uri")
        answer.username = user
        answer.realm = header.realm
        answer.nonce = header.nonce
        answer.uri = uri
        answer.algorithm = "MD5"
        header.opaque?.let { answer.opaque = it }
        if (header.qop == null) {
            answer.response = md5("$secret:${header.nonce}:$request")
        } else {
            val own = UUID.randomUUID().toString().take(OWN)
            answer.qop = "auth"
            answer.cNonce = own
            answer.nonceCount = 1
            answer.response = md5("$secret:${header.nonce}:00000001:$own:auth:$request")
        }
        return answer
    }

    private fun md5(text: String): String =
        MessageDigest.getInstance("MD5").digest(text.toByteArray()).joinToString("") { "%02x".format(it) }

    companion object {
        private const val OWN = 8
        private const val UNAUTHORIZED = 401
        private const val PROXY = 407

        fun of(response: Response): Challenge? {
            val header = when (response.statusCode) {
                UNAUTHORIZED -> response.getHeader(WWWAuthenticateHeader.NAME)
                PROXY -> response.getHeader(ProxyAuthenticateHeader.NAME)
                else -> null
            } as WWWAuthenticateHeader? ?: return null
            val known = header.scheme.equals("Digest", ignoreCase = true) &&
                (header.algorithm == null || header.algorithm.equals("MD5", ignoreCase = true)) &&
                (header.qop == null || header.qop.split(',').any { it.trim() == "auth" })
            return if (known) Challenge(header) else null
        }
    }
}
