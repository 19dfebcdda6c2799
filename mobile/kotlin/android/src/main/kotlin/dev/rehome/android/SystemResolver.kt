package dev.rehome.android

import android.content.Context
import android.net.ConnectivityManager
import android.os.Build
import dev.rehome.DnsJavaResolver
import dev.rehome.Resolver
import org.xbill.DNS.SimpleResolver
import java.net.InetAddress
import java.net.InetSocketAddress

/**
 * The resolver that this Android has: [AndroidDnsResolver] from Android 10 (API 29) on. Before that, dnsjava asks the servers of
 * the network in use, without Private DNS: an application that runs there names dnsjava among its own dependencies. Where it does
 * not, this throws at once.
 */
public fun systemResolver(context: Context): Resolver =
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) AndroidDnsResolver() else OlderAndroid.resolver(context)

/** Apart, so that dnsjava's classes are not looked for where they are not needed. */
internal object OlderAndroid {
    fun resolver(context: Context): Resolver {
        dnsJava { SimpleResolver::class.java }
        val connectivity = context.service<ConnectivityManager>()
        return over { connectivity.getLinkProperties(connectivity.activeNetwork)?.dnsServers.orEmpty() }
    }

    /** Looks for dnsjava: without it the first lookup would end in an error that says nothing. */
    fun dnsJava(look: () -> Class<*>) {
        try {
            look()
        } catch (missing: NoClassDefFoundError) {
            throw IllegalStateException(
                "dnsjava is missing, and Android ${Build.VERSION.RELEASE} answers no SRV questions: " +
                    "add implementation(\"dnsjava:dnsjava:3.7.1\") to the application's dependencies",
                missing,
            )
        }
    }

    /** Asks for the servers before each lookup: they are another network's after a change. */
    fun over(servers: () -> List<InetAddress>): Resolver =
        DnsJavaResolver(DnsJavaResolver.Servers { servers().map { InetSocketAddress(it, PORT) } })

    private const val PORT = 53
}
