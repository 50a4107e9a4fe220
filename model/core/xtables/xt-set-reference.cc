/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "xt-set-reference.h"

#include <cerrno>
#include <fmt/format.h>

namespace ns3
{
namespace
{

constexpr size_t MAX_NAME = 31;
constexpr unsigned MAX_DIMENSION = 6;

} // namespace

NfStatus
XtSetReference::ParseDirections(const std::string& text)
{
    m_dimension = m_sources = 0;
    for (const std::string& word : XtSplit(text, ','))
    {
        if (m_dimension == MAX_DIMENSION)
        {
            return XtBadParameter(
                fmt::format("Can't be more src/dst options than {}.", MAX_DIMENSION));
        }
        const bool source = word.compare(0, 3, "src") == 0;
        if (!source && word.compare(0, 3, "dst") != 0)
        {
            return XtBadParameter("You must spefify (the comma separated list of) 'src' or 'dst'.");
        }
        m_sources = static_cast<uint8_t>(m_sources | source << m_dimension++);
    }
    return NfOk();
}

NfStatus
XtSetReference::Parse(const XtArg& arg)
{
    const char* option = arg.option->name;
    if (!m_name.empty())
    {
        return XtBadParameter(fmt::format("--{} can be specified only once", option));
    }
    if (!arg.hasSecond)
    {
        return XtBadParameter(fmt::format("--{} requires two args.", option));
    }
    if (arg.text.size() > MAX_NAME)
    {
        return XtBadParameter(
            fmt::format("setname `{}' too long, max {} characters.", arg.text, MAX_NAME));
    }
    m_name = arg.text;
    const NfStatus status = ParseDirections(arg.second);
    if (!status)
    {
        m_error = status.Error();
    }
    return NfOk();
}

NfStatus
XtSetReference::Resolve(const IpSets* sets, NfFamily family) const
{
    const IpSet* set = sets ? sets->Find(m_name) : nullptr;
    if (!set)
    {
        return XtBadParameter(fmt::format("Set {} doesn't exist.\n", m_name));
    }
    if (set->GetFamily() != NfFamily::UNSPEC && set->GetFamily() != family)
    {
        return XtBadParameter(
            fmt::format("The protocol family of set {} is {}, which is not applicable.\n",
                        m_name,
                        set->GetFamily() == NfFamily::IPV6 ? "IPv6" : "IPv4"));
    }
    return m_error ? NfStatus(*m_error) : NfOk();
}

int
XtSetReference::Hold(const XtCheck& check)
{
    IpSets* sets = check.context.shared.Get<XtSets>().sets;
    const auto index = sets ? sets->FindIndex(m_name) : std::nullopt;
    if (!index)
    {
        return ENOENT;
    }
    m_sets = sets;
    m_index = *index;
    m_sets->Hold(m_index);
    return 0;
}

void
XtSetReference::Release()
{
    m_sets->Release(m_index);
}

std::string
XtSetReference::Format() const
{
    std::string text = m_name;
    for (unsigned n = 0; n < m_dimension; n++)
    {
        text += n == 0 ? " " : ",";
        text += m_sources >> n & 1 ? "src" : "dst";
    }
    return text;
}

IpSetRequest
XtSetReference::MakeRequest(XtParam& param) const
{
    IpSetRequest request{param.packet, param.state.in, param.state.out, param.family};
    request.dimension = m_dimension;
    request.sources = m_sources;
    return request;
}

} // namespace ns3
